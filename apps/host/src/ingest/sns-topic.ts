/** Where the messages of a topic come from, and nowhere else. */
export interface Topic {
  /** `sns.eu-west-1.amazonaws.com`: that of the topic's own region. */
  host: string;
  /** Whether an address is at that host by https, written plainly: no user, no port, no capitals. */
  isAt(url: string): boolean;
  /** The address that confirms a subscription. */
  confirmation(token: string): string;
}

/** https://docs.aws.amazon.com/general/latest/gr/sns.html */
const domains: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
};

/** What an ARN such as `arn:aws:sns:eu-west-1:123456789012:alarms` says; nothing where it is no topic. */
export function readTopic(arn: string): Topic | undefined {
  const pattern = /^arn:([a-z-]+):sns:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}$/;
  const [, partition = '', region = ''] = pattern.exec(arn) ?? [];
  const domain = Object.hasOwn(domains, partition) ? domains[partition] : undefined;
  if (domain === undefined) return undefined;
  const host = `sns.${region}.${domain}`;
  return {
    host,
    isAt: (url) => url.startsWith(`https://${host}/`),
    confirmation: (token) => `https://${host}/?Action=ConfirmSubscription&TopicArn=${arn}&Token=${token}`,
  };
}
