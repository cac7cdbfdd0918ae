import { expect, test } from 'vitest';
import { readFailpoints } from '../src/failpoints.ts';

test('a host is made unsafe only where NODE_ENV says that it is a test', () => {
  const safe = { synchronous: 'FULL', all: [] };
  expect(readFailpoints({})).toMatchObject(safe);
  expect(readFailpoints({ TOCSIN_FAILPOINT: '', NODE_ENV: 'production' })).toMatchObject(safe);
  const unsafe = { TOCSIN_FAILPOINT: 'ack-before-commit,no-mask', TOCSIN_UNSAFE_SYNCHRONOUS: 'OFF' };
  const failpoints = readFailpoints({ ...unsafe, NODE_ENV: 'test' });
  expect(failpoints).toMatchObject({ synchronous: 'OFF', all: ['ack-before-commit', 'no-mask', 'no-sync'] });
  expect([failpoints.has('no-mask'), failpoints.has('no-retry')]).toEqual([true, false]);
  for (const env of [{}, { NODE_ENV: 'production' }, { NODE_ENV: 'development' }]) {
    const refusal = 'loses accepted alerts; it is for tests alone';
    expect(() => readFailpoints({ ...env, TOCSIN_FAILPOINT: 'ack-before-commit' })).toThrow(refusal);
    expect(() => readFailpoints({ ...env, TOCSIN_UNSAFE_SYNCHRONOUS: 'OFF' })).toThrow(refusal);
  }
  expect(() => readFailpoints({ NODE_ENV: 'test', TOCSIN_FAILPOINT: 'no-mask,other' })).toThrow('knows no "other"');
});
