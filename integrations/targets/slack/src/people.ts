import { type HttpResponse, z } from '@tocsin/core';

const name = z.string().trim().min(1).optional().catch(undefined);

/** "Data that has not been supplied may not be present at all, may be null or may contain the empty string". */
const answer = z.looseObject({
  ok: z.literal(true),
  user: z.looseObject({
    profile: z.looseObject({ real_name: name, display_name: name }).optional().catch(undefined),
    real_name: name,
    name,
  }),
});

/** The name in an answer of `users.info`; none where it has none. https://docs.slack.dev/reference/objects/user-object */
export function nameIn({ body }: HttpResponse): string | undefined {
  try {
    const { user } = answer.parse(JSON.parse(body));
    return user.profile?.real_name ?? user.real_name ?? user.profile?.display_name ?? user.name;
  } catch {
    return undefined;
  }
}
