import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** What the browser loads. */
export interface ClientBundle {
  readonly script: string;
  readonly style: string;
}

const FOLDER = new URL('./client/', import.meta.url);

/** Makes it of the sources, which takes some 100 ms. Throws where they do not compile. */
export async function bundleClient(): Promise<ClientBundle> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('main.tsx', FOLDER)),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'silent',
  });
  try {
    const [{ output }, ...styles] = await Promise.all([
      bundle.generate({ format: 'esm', codeSplitting: false }),
      readFile(fileURLToPath(import.meta.resolve('slack-blocks-to-jsx/dist/style.css')), 'utf8'),
      readFile(new URL('style.css', FOLDER), 'utf8'),
    ]);
    return { script: output[0].code, style: styles.join('\n') };
  } finally {
    await bundle.close();
  }
}
