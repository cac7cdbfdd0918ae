import { describe, expect, test } from 'vitest';
import { Guard } from '../src/egress/guard.ts';

describe('A hub that listens on every address of its machine', () => {
  const listeners = ['0.0.0.0', '192.168.7.5', 'fd00::5'].map((address) => ({ address, port: 443 }));
  const allow = ['127.0.0.0/8', '192.168.0.0/16', '::1/128', 'fd00::/8'].map(
    (range) => ({ kind: 'range', range }) as const,
  );
  const guard = new Guard({ allow, deny: [], own: () => listeners });

  test.each(['127.0.0.1', '127.8.8.8', '::1', '192.168.7.5', 'fd00::5', '::ffff:192.168.7.5'])(
    'is not reached as %s',
    (address) => {
      expect(() => guard.check(address, 443, address)).toThrow('it is this hub itself');
    },
  );

  test.each([
    ['192.0.43.8', 443],
    ['192.168.7.6', 443],
    ['192.168.7.5', 8443],
    ['127.0.0.1', 9093],
  ])('reaches others, also on the port that it listens on itself: %s, port %s', (address, port) => {
    expect(() => guard.check(address, port, address)).not.toThrow();
  });
});

describe('Metadata services', () => {
  const guard = (range: string) => new Guard({ allow: [{ kind: 'range', range }], deny: [], own: () => [] });

  test('are opened by their exact address, not by a range around it', () => {
    expect(() => guard('169.254.0.0/16').check('169.254.169.254', 80, 'metadata')).toThrow('metadata service');
    expect(() => guard('169.254.169.254/32').check('169.254.169.254', 80, 'metadata')).not.toThrow();
  });
});

test.each(['::127.0.0.1', '::7f00:1', '::a00:1'])(
  'An IPv4 address in the form of an old IPv6 one is not public: %s',
  (address) => {
    const guard = new Guard({ allow: [], deny: [], own: () => [] });
    expect(() => guard.check(address, 80, 'old')).toThrow('not public');
  },
);
