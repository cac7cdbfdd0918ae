/** A message, as what follows on it names it. */
export interface MessageRef {
  channel: string;
  /** Its id within the channel. https://docs.slack.dev/messaging/#message_timestamps */
  ts: string;
  /** The workspace, where Slack said which. */
  team?: string;
}

export function writeRef({ team, channel, ts }: MessageRef): string {
  return `${team === undefined ? '' : `${team}/`}${channel}:${ts}`;
}

/** Undefined for none, and for what is no reference to a message. */
export function readRef(ref: string | undefined): MessageRef | undefined {
  const [, team, channel, ts] = /^(?:(\w+)\/)?(\w+):(\d+\.\d+)$/.exec(ref ?? '') ?? [];
  if (channel === undefined || ts === undefined) return undefined;
  return { channel, ts, ...(team === undefined ? {} : { team }) };
}
