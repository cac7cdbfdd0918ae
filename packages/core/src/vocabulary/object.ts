import type { Labels } from '../alert.ts';
import { plainWord } from './words.ts';

/** Labels that say what a problem is with, in plain form, the closest to it first. */
const objectNames = [
  ...[
    'pod',
    'podname',
    'container',
    'containername',
    'host',
    'hostname',
    'node',
    'nodename',
    'instance',
    'server',
    'vm',
  ],
  ...['machine', 'device', 'monitor', 'monitorname', 'database', 'table', 'queue', 'queuename', 'topic', 'url', 'site'],
  ...['domain', 'target', 'resource', 'service', 'servicename', 'app', 'application', 'component', 'deployment', 'job'],
  ...['namespace', 'cluster'],
];

/**
 * What an alert is about, by its labels: the host, else the service and so on; without port, scheme and path, as people
 * call it. Empty if no label says so.
 */
export function objectOf(labels: Labels): string {
  const byName = new Map(
    Object.entries(labels)
      .filter(([, value]) => value.trim() !== '')
      .map(([name, value]) => [plainWord(name), value.trim()]),
  );
  const name = objectNames.find((name) => byName.has(name));
  const value = name === undefined ? '' : (byName.get(name) as string);
  return value.replace(/^https?:\/\/([^/?#]+).*$/s, '$1').replace(/:\d{1,5}$/, '');
}
