import {
  impossibleHeaders,
  type Labels,
  type MediumName,
  media,
  type Notification,
  type NotificationAlert,
  type NotificationInput,
  renderNotification,
  type SourceTemplates,
} from '@tocsin/core';
import { markupIn } from './markup.ts';
import { hostileText, hostileUrl } from './mutants.ts';
import { type ReadyTarget, runTargetCase, type TargetCase, wordsOf } from './target-case.ts';
import { controls } from './wording.ts';

/** A hostile value, and its twin that is as long, has its lines and words, and no sign in it. */
interface Pair {
  name: string;
  hostile: string;
  tame: string;
}

const text: Pair = { name: 'hostile text', hostile: hostileText, tame: tamed(hostileText) };
// What a link leads to stays a link.
const address: Pair = { name: 'a hostile address', hostile: hostileUrl, tame: `https://${tamed(hostileUrl.slice(8))}` };

function tamed(hostile: string): string {
  return hostile.replace(/[^\p{L}\s]/gu, 'x');
}

/**
 * Puts hostile text in the place of everything that a template may read, and the same without signs. Where the first
 * leads to more markup than the second, a value got out of its place.
 */
export function hostileFaults(input: NotificationInput, templates: SourceTemplates, now: number): string[] {
  return inputsOf(input).flatMap(({ name, hostile, tame }) =>
    (Object.keys(media) as MediumName[]).flatMap((medium) => {
      const render = (given: NotificationInput) =>
        renderNotification(given, templates, { medium, limits: {} }, { now });
      const bad = render(hostile);
      let good: Notification | undefined;
      const twin = () => {
        good ??= render(tame);
        return good;
      };
      const faults = (['headline', 'title', 'message', 'comment'] as const).flatMap((part) =>
        escaped(medium, bad[part] ?? '', () => twin()[part] ?? '').map((fault) => `the ${part} ${fault}`),
      );
      return faults.map((fault) => `${name} in ${medium}: ${fault}`);
    }),
  );
}

/** The same for what a target makes of it: the texts of its body, and its headers. */
export function hostileRequestFaults(
  target: ReadyTarget,
  input: NotificationInput,
  templates: SourceTemplates,
  now: number,
): string[] {
  return inputsOf(input).flatMap(({ name, hostile, tame }) => {
    const [bad, good] = [hostile, tame].map((given) => runTargetCase(target, given, templates, now)) as [
      TargetCase,
      TargetCase,
    ];
    const { medium } = bad;
    return [
      ...escaped(medium, textsOf(bad), () => textsOf(good)).map((fault) => `the request ${fault}`),
      ...impossibleHeaders(bad.request).map(
        (header) => `the header ${JSON.stringify(header)} holds what no header may`,
      ),
      ...(bad.request.url === good.request.url ? [] : urlFaults(bad.request.url, good.request.url)),
    ].map((fault) => `${name}: ${fault}`);
  });
}

/** Where an address stands for itself, its signs are its own. */
function textsOf({ request, notification: { link, image } }: TargetCase): string {
  return wordsOf(request)
    .filter((word) => word !== link && word !== image)
    .join('\n');
}

/** A value may be a part of a path or a query, and no more. */
function urlFaults(hostile: string, tame: string): string[] {
  const [bad, good] = [URL.parse(hostile), URL.parse(tame)];
  const same =
    bad !== null &&
    good !== null &&
    bad.origin === good.origin &&
    bad.pathname.split('/').length === good.pathname.split('/').length;
  return same ? [] : ['the request goes to another address'];
}

/** `tame` is asked only where there is something to compare. */
function escaped(medium: MediumName, hostile: string, tame: () => string): string[] {
  const found = Object.entries(markupIn(medium, hostile)).filter(([, count]) => count > 0);
  const allowed = found.length > 0 ? markupIn(medium, tame()) : {};
  return [
    ...found.filter(([kind, count]) => count > (allowed[kind] ?? 0)).map(([kind]) => `lets ${kind} out`),
    ...(controls.test(hostile) ? ['lets control characters out'] : []),
  ];
}

function inputsOf(input: NotificationInput): { name: string; hostile: NotificationInput; tame: NotificationInput }[] {
  return [text, address].map(({ name, hostile, tame }) => ({
    name,
    hostile: filled(input, hostile),
    tame: filled(input, tame),
  }));
}

/** Every text that is the vendor's: identities, names and values of labels, the payload, what a person said. */
function filled(input: NotificationInput, value: string): NotificationInput {
  const alert = (given: NotificationAlert): NotificationAlert => ({
    ...given,
    labels: { ...mapped(given.labels, value), [value]: value },
    data: inside(given.data, value),
  });
  const { actor, comment } = input.event;
  const event = { ...input.event, ...(actor && { actor: value }), ...(comment && { comment: value }) };
  return {
    ...input,
    id: value,
    group: { ...input.group, key: value },
    event,
    since: [event],
    alert: alert(input.alert),
    alerts: input.alerts.map(alert),
  };
}

function mapped(labels: Labels, value: string): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, value]));
}

function inside(given: unknown, value: string): unknown {
  if (typeof given === 'string') return value;
  if (Array.isArray(given)) return given.map((element) => inside(element, value));
  if (given === null || typeof given !== 'object') return given;
  return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, inside(inner, value)]));
}
