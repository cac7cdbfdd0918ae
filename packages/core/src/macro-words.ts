import type { AlertStatus } from './alert.ts';

/*
 * The words of Nagios' macros, for what sends them and for what reads them; it loads nothing, as monitors wait for the
 * one. https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html
 */

/** What each type of notification is. Icinga's: https://icinga.com/docs/icinga-2/latest/doc/09-object-types/#notification */
export const notificationTypes = {
  PROBLEM: 'firing',
  RECOVERY: 'resolved',
  ACKNOWLEDGEMENT: 'acknowledged',
  FLAPPINGSTART: 'notice',
  FLAPPINGSTOP: 'notice',
  FLAPPINGEND: 'notice',
  FLAPPINGDISABLED: 'notice',
  DOWNTIMESTART: 'notice',
  DOWNTIMEEND: 'notice',
  DOWNTIMECANCELLED: 'notice',
  DOWNTIMEREMOVED: 'notice',
  CUSTOM: 'notice',
} as const satisfies Record<string, AlertStatus>;

/** By their numbers. */
export const monitorStates = {
  HOST: ['UP', 'DOWN', 'UNREACHABLE'],
  SERVICE: ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'],
} as const satisfies Record<string, readonly string[]>;
