/**
 * What an app may ask for, of https://docs.slack.dev/reference/scopes: all that a bot or a person can give to an app that isn't
 * an administrator's. `incoming-webhook` isn't among them: the sandbox's installation gives no webhook.
 */
const known = new Set(
  (
    'app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write canvases:read canvases:write ' +
    'channels:history channels:join channels:manage channels:read channels:write channels:write.invites ' +
    'channels:write.topic chat:write chat:write.customize chat:write.public commands conversations.connect:manage ' +
    'conversations.connect:read conversations.connect:write dnd:read dnd:write email emoji:read files:read files:write ' +
    'groups:history groups:read groups:write groups:write.invites groups:write.topic identify im:history im:read im:write ' +
    'im:write.topic links.embed:write links:read links:write lists:read lists:write metadata.message:read mpim:history ' +
    'mpim:read mpim:write mpim:write.topic openid pins:read pins:write profile reactions:read reactions:write ' +
    'reminders:read reminders:write remote_files:read remote_files:share remote_files:write search:read stars:read ' +
    'stars:write team.preferences:read team:read usergroups:read usergroups:write users.profile:read users.profile:write ' +
    'users:read users:read.email users:write workflow.steps:execute'
  ).split(' '),
);

/** The scopes of an argument: separated by commas, or by spaces as OAuth has them. */
export function readScopes(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(/[\s,]+/).filter((scope) => scope !== ''))];
}

export function unknownScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => !known.has(scope));
}
