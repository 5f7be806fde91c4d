import { createModelClient, type ModelClient } from '@flowreasoner/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveWorker } from './worker.js';

function models(): ModelClient {
  const client = createModelClient({
    endpoints: [
      { name: 'own', baseUrl: 'http://127.0.0.1:1/v1', local: true, defaultModel: 'small' },
      { name: 'far', baseUrl: 'https://models.example/v1' },
      { name: 'asked', baseUrl: 'http://127.0.0.1:2/v1', local: true, promptStyle: 'chat' },
      { name: 'begun', baseUrl: 'https://models.example/v1', promptStyle: 'continue' },
    ],
  });
  onTestFinished(() => client.close());
  return client;
}

describe('resolveWorker', () => {
  it('takes the first endpoint and its model where none is named', () => {
    const own = { endpoint: 'own', model: 'small', promptStyle: 'continue' };
    expect(resolveWorker(models(), undefined)).toEqual(own);
    expect(resolveWorker(models(), { endpoint: '', model: 'm' })).toEqual({ ...own, model: 'm' });
  });

  it.each([
    ['far', 'chat'],
    ['asked', 'chat'],
    ['begun', 'continue'],
  ])('asks %s by %s', (endpoint, promptStyle) => {
    expect(resolveWorker(models(), { endpoint, model: '' })).toEqual({ endpoint, model: '', promptStyle });
  });

  it('names the endpoints that there are', () => {
    expect(() => resolveWorker(models(), { endpoint: 'near', model: '' })).toThrow('own, far, asked, begun');
  });
});
