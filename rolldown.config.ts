import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'rolldown';
import { loadCauses, loadPullErrorRules, loadRunbook } from './src/runbooks.ts';

/** Checks the runbooks at build time and puts them into the distribution as data, so that no command reads or checks YAML. */
const runbooksAsData: Plugin = {
  name: 'runbooks-as-data',
  load(id) {
    if (!id.endsWith('/src/runbooks.ts')) return null;
    const values = { loadPullErrorRules: loadPullErrorRules(), loadCauses: loadCauses(), loadRunbook: loadRunbook() };
    // JSON.parse of a string is the fastest way to a large constant.
    return Object.entries(values)
      .map(([name, value]) => `export const ${name} = () => JSON.parse(${JSON.stringify(JSON.stringify(value))});`)
      .join('\n');
  },
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  plugins: [runbooksAsData],
  transform: { define: { IMAGEPULL_VERSION: JSON.stringify(version) } },
  output: { dir: 'dist', format: 'esm', cleanDir: true, minify: true, chunkFileNames: '[name]-[hash].js' },
});
