import { secretReference } from '../config/secret-id.ts';
import { Failure } from '../egress/failure.ts';

/** A secret that the settings of a target name, and that the store doesn't have. Once it is set, all goes on. */
export class MissingSecret extends Failure {
  readonly secret: string;

  constructor(secret: string, why = 'is not set') {
    super(
      `the secret ${secretReference(secret)} ${why}`,
      `Set it, and what is owed is sent: tocsin secrets set ${secret}`,
    );
    this.secret = secret;
  }
}
