import { spawn } from 'node:child_process';

/** The program that opens an address, by platform. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  // The empty text is the title that `start` takes first.
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens an address in the browser of whoever is there; answers with why it could not. */
export function openBrowser(url: string): Promise<string | undefined> {
  const [program, ...before] = OPENERS[process.platform] ?? [];
  if (program === undefined) return Promise.resolve(`none is known for ${process.platform}`);
  return new Promise((resolve) => {
    const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(`${program} is not there`));
    child.once('spawn', () => resolve(undefined));
    child.once('exit', (code) => resolve(code === 0 ? undefined : `${program} ended with ${code}`));
    child.unref();
  });
}
