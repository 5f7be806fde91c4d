import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Attachments } from './host.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function attachments(): { attached: Attachments; idle: ReturnType<typeof vi.fn> } {
  const idle = vi.fn();
  return { attached: new Attachments(idle, { first: 1000, next: 0 }), idle };
}

describe('Attachments', () => {
  it('ends a host that no command comes to', () => {
    const { idle } = attachments();
    vi.advanceTimersByTime(999);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(idle).toHaveBeenCalledOnce();
  });

  it('ends a host whose last command has gone', () => {
    const { attached, idle } = attachments();
    const [leave, leaveToo] = [attached.enter(), attached.enter()];
    leave();
    vi.advanceTimersByTime(5000);
    expect(idle).not.toHaveBeenCalled();
    leaveToo();
    vi.advanceTimersByTime(0);
    expect(idle).toHaveBeenCalledOnce();
  });

  it('ends a host at once when the command that started it goes before it attached', () => {
    const { attached, idle } = attachments();
    attached.abandon();
    expect(idle).toHaveBeenCalledOnce();
  });

  it('keeps a host that another command is attached to', () => {
    const { attached, idle } = attachments();
    attached.enter();
    attached.abandon();
    vi.advanceTimersByTime(5000);
    expect(idle).not.toHaveBeenCalled();
  });
});
