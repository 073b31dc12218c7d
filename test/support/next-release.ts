/**
 * `node --import` of this file makes a process one of the next release: the very program, but that the kinds of records are changed right where they
 * are defined, before anything else sees them.
 */
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/src/store/kinds.ts')) return loaded;
    const next = JSON.stringify(new URL('next-kinds.ts', import.meta.url).href);
    const source = `${Buffer.from(loaded.source as Uint8Array).toString()}\nimport { toNextRelease } from ${next};\ntoNextRelease(KINDS);\n`;
    return { ...loaded, source };
  },
});
