import { basename } from 'node:path';

/** What the program was called by: kubectl runs a plugin as `kubectl-imagepull`. */
export const PROGRAM = basename(process.argv[1] ?? '').startsWith('kubectl-imagepull') ? 'kubectl imagepull' : 'imagepull';
