import { defineConfig, type Plugin } from 'rolldown';
import { leanHttp, uncompiledSchemas } from './packaging/lean-start.ts';
import { thirdPartyNotices } from './packaging/third-party-notices.ts';
import { loadCauses, loadPullErrorRules, loadRunbook } from './src/app/runbooks.ts';

/** Checks the runbooks at build time and puts them into the distribution as data, so that no command reads or checks YAML. */
const runbooksAsData: Plugin = {
  name: 'runbooks-as-data',
  load(id) {
    if (!id.endsWith('/src/app/runbooks.ts')) return null;
    const { rules, otherErrors, ...tables } = loadPullErrorRules();
    // Samples are there for readers and tests; they are more than half of the text.
    const lean = {
      ...tables,
      rules: rules.map((rule) => ({ ...rule, samples: [] })),
      otherErrors: otherErrors.map((error) => ({ ...error, samples: [] })),
    };
    const values = { loadPullErrorRules: lean, loadCauses: loadCauses(), loadRunbook: loadRunbook() };
    // JSON.parse of a string is the fastest way to a large constant.
    return Object.entries(values)
      .map(([name, value]) => `export const ${name} = () => JSON.parse(${JSON.stringify(JSON.stringify(value))});`)
      .join('\n');
  },
};

/**
 * The Kubernetes client brings undici, the largest part of it, for its own fetch transport. We send requests with
 * node:https and never reach that code, so it is left out; if it were reached, it would say so.
 */
const withoutUndici: Plugin = {
  name: 'without-undici',
  // Slack's Socket Mode does use it.
  resolveId: (id, importer) => (id === 'undici' && importer?.includes('/@kubernetes/') ? '\0without-undici' : null),
  load(id) {
    if (id !== '\0without-undici') return null;
    const refusal = `throw new Error('the fetch transport of the Kubernetes client is not part of this build');`;
    return (
      ['Agent', 'ProxyAgent'].map((name) => `export class ${name} { constructor() { ${refusal} } }`).join('\n') +
      `\nexport function fetch() { ${refusal} }`
    );
  },
};

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  plugins: [runbooksAsData, withoutUndici, leanHttp, uncompiledSchemas, thirdPartyNotices],
  treeshake: {
    // The client's generated models and APIs do nothing when loaded; only its handling of kubeconfigs is used.
    moduleSideEffects: [{ test: /@kubernetes\/client-node\//, sideEffects: false }],
  },
  output: { dir: 'dist', format: 'esm', cleanDir: true, minify: true, chunkFileNames: '[name]-[hash].js' },
});
