/** Writes the parts of documents that are made from the code: what the schema of the configuration and the manifest of the Slack app say of themselves. */
import { readFileSync, writeFileSync } from 'node:fs';
import { GENERATED, withGenerated } from './generated-parts.ts';

for (const [file, parts] of Object.entries(GENERATED)) writeFileSync(file, withGenerated(readFileSync(file, 'utf8'), parts));
