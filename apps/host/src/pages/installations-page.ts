import type { HostContext } from '../context.ts';
import type { InstallationInfo } from '../installations/record.ts';
import { basePath } from './address.ts';
import { type Html, html } from './html.ts';
import { ago, type Clock } from './moment.ts';
import { table } from './parts.ts';

/** The app of one target, and where it is. */
export interface InstalledApp {
  target: string;
  /** The vendor's name of the product. */
  title: string;
  installations: InstallationInfo[];
  /** Workspaces that the rules tell something and that lack it. */
  missing: string[];
}

export interface InstallationsView {
  apps: InstalledApp[];
  /** What was installed just now. */
  done: InstallationInfo | undefined;
  isRemoved: boolean;
  context: Pick<HostContext, 'url'>;
  clock: Clock;
}

/** Every app that workspaces install, and those that have. */
export function installationsPage({ apps, done, isRemoved, context, clock }: InstallationsView): Html {
  const base = basePath(context.url);
  return html`<p class="back"><a href="${base}/">All groups</a></p>
<h1>Installations</h1>
${done && installed(done)}
${isRemoved && html`<p class="banner done" role="status">It is removed, and its token is deleted.</p>`}
${apps.length === 0 && none()}
${apps.map((app) => section(app, base, clock))}`;
}

function installed({ target, name, workspace }: InstallationInfo): Html {
  return html`<div class="banner done" role="status"><p><b>The app is in <bdi>${name}</bdi>.</b> What waited for it is on its way. Next:</p>
<ol>
<li>In Slack and the like, invite the bot to every private channel that it is to post in.</li>
<li>Find the address of a channel: <code>tocsin targets places ${target} --workspace ${workspace}</code></li>
<li>Give it to a subscription or a route: <code>{ target: ${target}, address: ${workspace}/… }</code></li>
</ol></div>`;
}

function none(): Html {
  return html`<section class="empty"><h2>No target is an app that workspaces install</h2>
<p>Give a target the settings of an app, as the guide of its integration has them, and restart the host.</p></section>`;
}

function section({ target, title, installations, missing }: InstalledApp, base: string, clock: Clock): Html {
  return html`<section aria-labelledby="app-${target}">
<h2 id="app-${target}"><bdi>${target}</bdi> <span class="quiet">${title}</span></h2>
${missing.length > 0 && html`<p class="banner refusal">Alerts are to go to ${missing.join(', ')}, which lacks the app: what is owed there waits.</p>`}
${
  installations.length === 0
    ? html`<p class="empty">No workspace has it yet.</p>`
    : table<InstallationInfo>(
        `Workspaces that have the app of ${target}`,
        [
          { name: 'Workspace', isHeader: true, cell: ({ name }) => html`<bdi>${name}</bdi>` },
          { name: 'Id', cell: ({ workspace }) => html`<code>${workspace}</code>` },
          { name: 'State', cell: (one) => stateOf(one, clock) },
          {
            name: 'Installed',
            cell: ({ author, installedAt }) => html`${ago(installedAt, clock)} by <bdi>${author}</bdi>`,
          },
          { name: 'Change', cell: (one) => html`<a href="${removeAddress(one, base)}">Remove ${one.name}…</a>` },
        ],
        installations,
      )
}
<p><a class="button" href="${base}/oauth/${target}">Add to ${title}</a></p>
</section>`;
}

function stateOf({ ended }: InstallationInfo, clock: Clock): Html {
  if (!ended) return html`<b class="delivery good">installed</b>`;
  return html`<b class="delivery bad">gone</b> ${ago(ended.at, clock)}: <bdi>${ended.reason}</bdi>. Install it again, or remove it.`;
}

function removeAddress({ target, workspace }: InstallationInfo, base: string): string {
  return `${base}/installations/${target}/${workspace}/remove`;
}

/** Asks once more. */
export function removalPage(
  installation: InstallationInfo,
  isWanted: boolean,
  context: Pick<HostContext, 'url'>,
): Html {
  const base = basePath(context.url);
  const { target, name } = installation;
  return html`<p class="back"><a href="${base}/installations">Installations</a></p>
<h1>Remove the app of <bdi>${target}</bdi> from <bdi>${name}</bdi>?</h1>
<p>Its token is revoked and deleted, and nothing is posted there any more.${isWanted && html` <b>Alerts are to go there:</b> what is owed waits until the app is installed again.`}</p>
<form method="post" action="${removeAddress(installation, base)}">
<div class="buttons"><button type="submit" class="first">Remove it</button> <a href="${base}/installations">Keep it</a></div>
</form>`;
}
