import { expect, test } from 'vitest';
import { readFailpoints } from '../src/failpoints.ts';

test('a host is made unsafe only where NODE_ENV says that it is a test', () => {
  const safe = { acknowledgesBeforeCommit: false, synchronous: 'FULL' };
  expect(readFailpoints({})).toEqual(safe);
  expect(readFailpoints({ TOCSIN_FAILPOINT: '', NODE_ENV: 'production' })).toEqual(safe);
  expect(readFailpoints({ TOCSIN_FAILPOINT: 'ack-before-commit', NODE_ENV: 'test' })).toEqual({
    ...safe,
    acknowledgesBeforeCommit: true,
  });
  for (const env of [{}, { NODE_ENV: 'production' }, { NODE_ENV: 'development' }]) {
    const unsafe = 'loses accepted alerts; it is for tests alone';
    expect(() => readFailpoints({ ...env, TOCSIN_FAILPOINT: 'ack-before-commit' })).toThrow(unsafe);
    expect(() => readFailpoints({ ...env, TOCSIN_UNSAFE_SYNCHRONOUS: 'OFF' })).toThrow(unsafe);
  }
  expect(() => readFailpoints({ NODE_ENV: 'test', TOCSIN_FAILPOINT: 'other' })).toThrow('knows no "other"');
});
