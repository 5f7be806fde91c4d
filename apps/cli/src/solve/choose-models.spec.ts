import { describe, expect, it } from 'vitest';
import { chooseModels } from './choose-models.js';

describe('chooseModels', () => {
  it('uses the local model when nothing is named', () => {
    const choice = chooseModels({}, { OPENAI_API_KEY: 'secret' });
    expect(choice).toMatchObject({
      usesLocal: true,
      endpoints: [],
      worker: { endpoint: 'local' },
      meta: { endpoint: 'local' },
    });
  });

  it('uses one name for both roles', () => {
    const choice = chooseModels({ baseUrl: 'http://127.0.0.1:8000/v1', worker: 'm' }, {});
    expect(choice.worker).toEqual(choice.meta);
    expect(choice.worker.model).toBe('m');
    expect(choice.usesLocal).toBe(false);
  });

  it('mixes the local model with a remote one', () => {
    const choice = chooseModels({ worker: 'local', meta: 'big' }, { OPENAI_API_KEY: 'secret' });
    expect(choice.worker.endpoint).toBe('local');
    expect(choice.meta.model).toBe('big');
    expect(choice.usesLocal).toBe(true);
    expect(choice.endpoints).toMatchObject([
      { baseUrl: 'https://api.openai.com/v1', apiKey: 'secret', defaultModel: 'big' },
    ]);
  });

  it('gives endpoints that differ only by key different names, which do not tell the key', () => {
    const one = chooseModels({ baseUrl: 'http://h/v1', worker: 'm' }, { OPENAI_API_KEY: 'secret-1' })
      .endpoints[0];
    const two = chooseModels({ baseUrl: 'http://h/v1', worker: 'm' }, { OPENAI_API_KEY: 'secret-2' })
      .endpoints[0];
    expect(one?.name).not.toBe(two?.name);
    expect(one?.name).not.toContain('secret');
  });

  it('says what is missing', () => {
    expect(() => chooseModels({ baseUrl: 'http://h/v1' }, {})).toThrow('needs a model');
    expect(() => chooseModels({ worker: 'm' }, {})).toThrow('no endpoint is given for the model m');
    expect(() => chooseModels({ baseUrl: 'nonsense', worker: 'm' }, {})).toThrow('not a URL');
  });
});
