/** Writes the generated parts of docs/configuration.md: what the schema of the configuration says of itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withGenerated } from './config-reference.ts';

const DOCUMENT = 'docs/configuration.md';
writeFileSync(DOCUMENT, withGenerated(readFileSync(DOCUMENT, 'utf8')));
