import { runHere } from './notify/run.ts';

// What a monitor starts for each notification: one file that needs nothing else, so that it is quick to start. A look-up
// of a name may go on when the time is over, and must not keep the process.
process.exit(await runHere(process.argv.slice(2), import.meta.filename));
