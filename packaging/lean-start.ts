import http from 'node:http';
import type { Plugin } from 'rolldown';

/**
 * Imported as a module, node:http shows all of its names, and some of them load Node's own undici at the first look: 35 ms
 * of every command's start. Taken as an object it loads what is used.
 */
export const leanHttp: Plugin = {
  name: 'lean-http',
  resolveId: (id, _, { kind }) => (/^(?:node:)?http$/.test(id) && kind === 'import-statement' ? '\0lean-http' : null),
  load(id) {
    if (id !== '\0lean-http') return null;
    const names = Object.keys(Object.getOwnPropertyDescriptors(http)).filter(
      (name) => Object.getOwnPropertyDescriptor(http, name)?.get === undefined,
    );
    return `const http = process.getBuiltinModule('node:http');\nexport default http;\nexport const { ${names.join(', ')} } = http;`;
  },
};

/** Compiling a schema pays off after thousands of objects, and a diagnosis looks at hundreds. It has to be said before any schema is made. */
export const uncompiledSchemas: Plugin = {
  name: 'uncompiled-schemas',
  transform: (code, id) => (id.endsWith('/zod/v4/core/core.js') ? `${code}\nglobalConfig.jitless = true;` : null),
};
