/** What can go wrong in the hub itself, and what of it it is about. */
const subjects = {
  'rejected-requests': 'source',
  'unrouted-alerts': 'source',
  'failed-templates': 'source',
  'switched-off-source': 'source',
  'dead-deliveries': 'target',
  'broken-set-up': 'target',
  'disabled-target': 'target',
  'missing-secret': 'target',
  'missing-installation': 'target',
  'switched-off-target': 'target',
} as const;

export type TroubleKind = keyof typeof subjects;

/** One trouble of one source or target, from the first time until it is over. Times are milliseconds since 1970. */
export interface Trouble {
  kind: TroubleKind;
  /** The id of the source or target. */
  subject: string;
  since: number;
  count: number;
  /** What is known about the last time, as a sentence; never a word of an alert, an answer or a setting. */
  detail?: string | undefined;
  /** The id of the last group that it happened to. */
  group?: string | undefined;
}

export function isTroubleKind(kind: unknown): kind is TroubleKind {
  return typeof kind === 'string' && Object.hasOwn(subjects, kind);
}

export function subjectKindOf(kind: TroubleKind): 'source' | 'target' {
  return subjects[kind];
}

/** What the trouble means to those who run the hub, and what they can do. */
export function explain({ kind, subject }: Pick<Trouble, 'kind' | 'subject'>): { message: string; remedy: string } {
  switch (kind) {
    case 'rejected-requests':
      return {
        message: 'Requests with a right key could not be read, or not in full: the alerts in them reach nobody.',
        remedy: `What was wrong with them is at GET /api/v1/requests?source=${subject}. Correct the sender or the settings of the source; if the vendor’s format has changed, report it.`,
      };
    case 'unrouted-alerts':
      return {
        message: 'They match no route: they are on their groups’ pages, and nobody is told of them.',
        remedy: 'Add a route that matches them, or one that matches everything, as the last.',
      };
    case 'failed-templates':
      return {
        message: 'Plain words went out in their place.',
        remedy: 'The log names the template and its line; tocsin render shows what it makes of a group.',
      };
    case 'dead-deliveries':
      return {
        message: 'Nobody hears of them there, and they are not tried again.',
        remedy: `What was sent and what came back is at GET /api/v1/attempts?target=${subject}. Correct the settings of the target, or what they lead to.`,
      };
    case 'broken-set-up':
      return {
        message: 'It refuses everything because of how it is set up.',
        remedy: `Mend that. What it refused meanwhile is kept: tocsin deliveries retry --target ${subject}.`,
      };
    case 'disabled-target':
      return {
        message: 'It says that it is no more (HTTP 410). Nothing is sent to it, and what it is owed waits.',
        remedy: `Correct its settings and restart the hub, or if they are right: tocsin deliveries enable ${subject}. Without it, remove it from the configuration.`,
      };
    case 'missing-secret':
      return {
        message: 'What is owed to it waits for a secret that is not set.',
        remedy: 'Set it, and everything is sent: tocsin secrets set. tocsin secrets list names all that are missing.',
      };
    case 'missing-installation':
      return {
        message: 'What is owed there waits for a workspace that does not have the app, or no longer has it.',
        remedy:
          'Install it there, on the page /installations of the hub, and everything is sent; or take the workspace out of the addresses.',
      };
    case 'switched-off-source':
      return {
        message: 'A function of its integration took too long. Requests to it are answered with 503 for a minute.',
        remedy: 'Senders that try again lose nothing. Report it to the maintainers of the integration.',
      };
    case 'switched-off-target':
      return {
        message: 'A function of its integration, or a template, took too long. What is owed to it waits for a minute.',
        remedy: 'Simplify the templates of this target, or report it to the maintainers of the integration.',
      };
  }
}
