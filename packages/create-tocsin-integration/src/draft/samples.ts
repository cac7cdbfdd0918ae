/** A request that a draft is made from. */
export interface DraftRequest {
  /** Where it is from, for people and for the sake of its words: `resolved.json`. */
  name: string;
  body: unknown;
}

/** One alert of a request, as far as is known yet. */
export interface Sample {
  /** Of the request, in their order. */
  request: number;
  /** What the file's name says of it. */
  hint: 'firing' | 'resolved' | undefined;
  alert: unknown;
  /** The whole body. */
  payload: unknown;
}

export interface Samples {
  list: Sample[];
  /** Where in the body the alerts lie; undefined if the body is the one alert, empty if it is the list. */
  alertsAt: readonly string[] | undefined;
}

/** Takes the requests apart into alerts. */
export function samplesOf(requests: readonly DraftRequest[]): Samples {
  const alertsAt = findList(requests.map(({ body }) => body));
  const list = requests.flatMap(({ name, body }, request) => {
    const alerts = alertsAt === undefined ? [body] : (readPath(body, alertsAt) as unknown[]);
    return alerts.map((alert) => ({ request, hint: hintOf(name), alert, payload: body }));
  });
  return { list, alertsAt };
}

/** The value at a path of own keys. */
export function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      isObject(found) && Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined,
    value,
  );
}

export function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const listNames =
  /^(alerts?|alarms?|incidents?|problems?|events?|issues?|notifications?|items|results|records|checks)$/i;

function findList(bodies: readonly unknown[]): string[] | undefined {
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isObject);
  if (bodies.every(isList)) return [];
  const [first] = bodies;
  const outer = isObject(first) ? Object.entries(first) : [];
  const inner = outer.flatMap(([key, value]) =>
    isObject(value) ? Object.entries(value).map(([name]) => [key, name]) : [],
  );
  const paths = [...outer.map(([key]) => [key]), ...inner];
  return paths.find(
    (path) => listNames.test(path.at(-1) as string) && bodies.every((body) => isList(readPath(body, path))),
  );
}

function hintOf(name: string): Sample['hint'] {
  if (/resol|recover|clear|(^|[^a-z])(ok|up|closed?|green)([^a-z]|$)/i.test(name)) return 'resolved';
  if (/firing|problem|alert|trigger|critical|warn|(^|[^a-z])(down|open(ed)?|red|fail(ed|ure)?)([^a-z]|$)/i.test(name)) {
    return 'firing';
  }
  return undefined;
}
