import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('systemClock', () => {
  it('calls back in time, unless cancelled', () => {
    const run = vi.fn();
    systemClock.after(100, run);
    systemClock.after(50, run)();
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  it('waits longer than one timer can', () => {
    const run = vi.fn();
    const days = 60 * 86_400_000;
    systemClock.after(days, run);
    const cancel = systemClock.after(days, run);
    vi.advanceTimersByTime(days - 1);
    expect(run).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });
});
