import type { ActionSignal, AlertSignal } from '../types.ts';

/** An alert of source `prod` with the key `disk`; `more` replaces whatever a test is about. */
export function alert(fingerprint: string, more: Partial<AlertSignal> = {}): AlertSignal {
  return {
    kind: 'alert',
    source: 'prod',
    fingerprint,
    group: 'disk',
    status: 'firing',
    severity: 'warning',
    labels: { alertname: 'DiskFull', instance: fingerprint },
    data: '{}',
    ...more,
  };
}

/** What `ann` does to a group. */
export function act(group: string, action: ActionSignal['action'], more: Partial<ActionSignal> = {}): ActionSignal {
  return { kind: 'action', group, action, actor: 'ann', ...more };
}
