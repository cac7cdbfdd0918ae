/** A workspace, with the app's bot user in it. */
export interface Team {
  id: string;
  name: string;
  domain: string;
  bot: { id: string; user: string; name: string };
  channels: Channel[];
  people: Person[];
  /** Seconds after which a message can't be edited; never where absent. Bots are held to it too. */
  editWindow?: number;
}

export interface Channel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  /** Whether the app's bot user is a member. */
  hasBot: boolean;
}

export interface Person {
  id: string;
  /** The handle: what Slack calls `name` and `username`. */
  name: string;
  /** Absent for who never gave one. */
  realName?: string;
}

const channel = (id: string, name: string, more: Partial<Channel> = {}): Channel => ({
  id,
  name,
  isPrivate: false,
  isArchived: false,
  hasBot: false,
  ...more,
});

export const firstTeam = {
  id: 'T0BELLTOWER',
  name: 'Bell Tower',
  domain: 'bell-tower',
  bot: { id: 'B0BELLTOCSN', user: 'U0BELLTOCSN', name: 'tocsin' },
  channels: [
    channel('C0BELLOPS01', 'ops', { hasBot: true }),
    channel('C0BELLALL02', 'general'),
    channel('C0BELLNOC03', 'noc'),
    channel('C0BELLDBS04', 'databases', { hasBot: true }),
    channel('C0BELLOLD05', 'old-incidents', { hasBot: true, isArchived: true }),
    channel('C0BELLWAR06', 'war-room', { hasBot: true, isPrivate: true }),
    channel('C0BELLBRD07', 'board', { isPrivate: true }),
  ],
  people: [
    { id: 'U0BELLANN01', name: 'ann', realName: 'Ann Archer' },
    { id: 'U0BELLBEN02', name: 'ben.okoye', realName: 'Benedict Okoye' },
    { id: 'U0BELLDUT03', name: 'duty-phone' },
  ],
} as const satisfies Team;

const secondTeam = {
  id: 'T0LANTERN01',
  name: 'Lantern',
  domain: 'lantern',
  bot: { id: 'B0LANTTOCSN', user: 'U0LANTTOCSN', name: 'tocsin' },
  channels: [
    channel('C0LANTOPS01', 'ops', { hasBot: true }),
    channel('C0LANTALL02', 'general'),
    channel('C0LANTOLD03', 'moved-to-email', { isArchived: true }),
    channel('C0LANTHRS04', 'people-only', { isPrivate: true }),
  ],
  people: [
    { id: 'U0LANTCAR01', name: 'carla', realName: 'Carla Nilsson' },
    { id: 'U0LANTDEV02', name: 'dev', realName: 'Devendra Rao' },
    { id: 'U0LANTSHF03', name: 'night-shift' },
  ],
} as const satisfies Team;

/** The workspaces as a new sandbox has them; tests may change theirs. */
export function newTeams(): Team[] {
  const presets: readonly Team[] = [firstTeam, secondTeam];
  return structuredClone([...presets]);
}

/** The channel with that id, and whose it is. */
export function findChannel(teams: readonly Team[], id: string): { team: Team; channel: Channel } | undefined {
  for (const team of teams) {
    const found = team.channels.find((candidate) => candidate.id === id);
    if (found) return { team, channel: found };
  }
  return undefined;
}
