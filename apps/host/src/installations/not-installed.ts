import { Failure } from '../egress/failure.ts';
import { workspacePattern } from './record.ts';

/** A workspace that an address names has not let the app in, or no more. Once it has, all goes on. */
export class NotInstalled extends Failure {
  readonly workspace: string;

  constructor(target: string, workspace: string, why = 'the app is not installed there') {
    const shown = workspacePattern.test(workspace) ? workspace : 'of this address';
    super(
      `${target} can’t tell anybody in the workspace ${shown}: ${why}`,
      'Install it there on the page /installations of the hub, and what is owed is sent.',
    );
    this.workspace = workspace;
  }
}
