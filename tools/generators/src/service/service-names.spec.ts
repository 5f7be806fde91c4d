import { describe, expect, it } from 'vitest';
import { serviceNames } from './service-names.ts';

describe('serviceNames', () => {
  it('spells a name in every way', () => {
    expect(serviceNames('model-cache')).toEqual({
      kebab: 'model-cache',
      compact: 'modelcache',
      snake: 'model_cache',
      constant: 'MODEL_CACHE',
      pascal: 'ModelCache',
      camel: 'modelCache',
      words: 'model cache',
    });
    expect(serviceNames('echo2')).toMatchObject({ pascal: 'Echo2', camel: 'echo2' });
  });

  it.each(['', 'Echo', 'echo_two', '-echo', 'echo-', 'a--b', '2echo', 'a-2', '../echo', 'a'.repeat(41)])(
    'refuses %j',
    (name) => expect(() => serviceNames(name)).toThrow(RangeError),
  );
});
