import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

// A program of its own: it writes the script of the page to its standard output. What bundling takes of memory goes with it.

const bundle = await rolldown({
  input: fileURLToPath(new URL('./client/main.tsx', import.meta.url)),
  platform: 'browser',
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  logLevel: 'silent',
});
const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
await bundle.close();
process.stdout.write(output[0].code);
