import type { HostContext } from '../context.ts';
import { basePath, isPrivate } from './address.ts';
import { type Html, html } from './html.ts';

export interface SignInView {
  /** The page to go on with. */
  page: string;
  /** Why the last try failed. */
  fault?: string;
  signedOut?: boolean;
}

/** The form that takes a token. */
export function signInPage(
  { page, fault, signedOut }: SignInView,
  { url }: HostContext,
): { title: string; main: Html } {
  const invalid = fault !== undefined && html` aria-invalid="true"`;
  return {
    title: fault === undefined ? 'Sign in' : 'Not signed in – Sign in',
    main: html`<h1>Sign in</h1>
${signedOut && html`<p class="banner done" role="status">You are signed out in this browser.</p>`}
<form class="sign-in" method="post" action="${basePath(url)}/sign-in">
<input type="hidden" name="return" value="${page}">
<div class="field">
<label for="token">Token</label>
${fault !== undefined && html`<p class="fault" id="fault" role="alert">${fault}</p>`}
<input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false" aria-describedby="${fault !== undefined && 'fault '}hint"${invalid}>
<p class="quiet" id="hint">One of the <code>tokens</code> in <code>tocsin.yaml</code>. Without any there, the host makes one at its first start and prints where it is.</p>
</div>
<button type="submit" class="first">Sign in</button>
</form>
${!isPrivate(url) && html`<p class="banner refusal">This address is plain http: others on the way can read the token. Put the host behind https, and set <code>url</code> in its config.</p>`}`,
  };
}
