import { spawn } from 'node:child_process';

/** The program that opens an address, by platform. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  // The empty text is the title that `start` takes first.
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens an address in the browser of whoever is there. `onFailure` hears why that did not work, which may take a while to show. */
export function openBrowser(url: string, onFailure: (because: string) => void): void {
  const [program, ...before] = OPENERS[process.platform] ?? [];
  if (program === undefined) {
    onFailure(`no way to open one is known for ${process.platform}`);
    return;
  }
  const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true });
  child.once('error', () => onFailure(`${program} is not there`));
  child.once('exit', (code) => {
    if (code !== 0) onFailure(`${program} ended with ${code}`);
  });
  child.unref();
}
