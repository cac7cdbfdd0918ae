import type { HttpRequest, HttpResponse } from './request.ts';

/** What a vendor gives for a workspace that has taken the app in. */
export interface Installed {
  /** The vendor's id of it: addresses there are `<id>/<place>`, and callbacks name it as `installation`. */
  id: string;
  /** What people call it. */
  name: string;
  /** The host seals it, and puts it into requests as a bearer; nobody else ever has it. */
  token: string;
  /** What was allowed, in the vendor's words. */
  scopes: string[];
}

/** Why a vendor didn't do as asked. */
export interface VendorRefusal {
  /** A sentence without its capital and its full stop, for people: what is wrong and what to do. Nothing of the answer's own. */
  refused: string;
  /** The workspace has let us go: its token is good for nothing any more. */
  isEnded?: boolean;
  /** Milliseconds after which it may be asked again. */
  after?: number;
}

/** Where in a workspace messages can go. */
export interface Place {
  /** The vendor's id, which a change of name leaves as it is. */
  id: string;
  name: string;
  isPrivate: boolean;
  /** Whether the app is in it. */
  isMember: boolean;
  isArchived: boolean;
}

export interface PlacePage {
  places: Place[];
  /** Where the next page begins; nothing on the last. */
  next?: string;
}

/** Where the vendor finds the host, for the app's manifest. */
export interface AppAddresses {
  /** People come back there after they let the app in. */
  redirect: string;
  /** What people press, and what happens to the app, is posted there. */
  callbacks: string;
}

/**
 * How an app gets into workspaces by OAuth 2, and what it can do there. Addresses of such a target are
 * `<id of the workspace>/<place>`. The host keeps the tokens: it puts that of the workspace into every request of the
 * target towards the origin of `api`, as `authorization: Bearer …`. https://www.rfc-editor.org/rfc/rfc6749#section-4.1
 */
export interface TargetInstallation<Settings> {
  /** Whether workspaces install it, with these settings. */
  offered: (settings: Settings) => boolean;
  /** An address of the vendor's API: tokens go to its origin and nowhere else. */
  api: (settings: Settings) => string;
  /** What the app asks for: what its requests need, no more. */
  scopes: readonly string[];
  /** The vendor's page on which a person lets the app in, and which leads back to `redirectUri` with `state`. */
  authorize: (asked: { redirectUri: string; state: string }, settings: Settings) => string;
  /** Makes a token of the code that came back. */
  exchange: {
    request: (given: { code: string; redirectUri: string }, settings: Settings) => HttpRequest;
    read: (response: HttpResponse) => Installed | VendorRefusal;
  };
  /** Ends the token of a workspace. `read` has nothing to say where that is done. */
  revoke: {
    request: (settings: Settings) => HttpRequest;
    read: (response: HttpResponse) => VendorRefusal | undefined;
  };
  /** The places of a workspace, page by page. */
  places: {
    request: (page: { cursor: string | undefined }, settings: Settings) => HttpRequest;
    read: (response: HttpResponse) => PlacePage | VendorRefusal;
  };
  /** Whether an answer to any of the target's requests says that the workspace has let us go. */
  isEnded: (response: HttpResponse) => boolean;
  /** What the vendor takes to make such an app, as JSON has it. */
  manifest: (addresses: AppAddresses) => object;
}

/** The workspace that an address is in; nothing where it names none. */
export function workspaceOf(address: string): string | undefined {
  const end = address.indexOf('/');
  return end > 0 ? address.slice(0, end) : undefined;
}
