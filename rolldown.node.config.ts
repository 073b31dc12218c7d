import { defineConfig } from 'rolldown';
import { leanHttp, uncompiledSchemas } from './packaging/lean-start.ts';
import { thirdPartyNotices } from './packaging/third-party-notices.ts';

/** What runs on nodes: one file of its own, which shares nothing with the command line, so that it holds only what it uses. */
export default defineConfig({
  input: { node: 'src/node.ts' },
  platform: 'node',
  plugins: [leanHttp, uncompiledSchemas, thirdPartyNotices],
  output: { dir: 'dist/node', format: 'esm', minify: true, codeSplitting: false },
});
