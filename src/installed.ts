import { readFileSync } from 'node:fs';

/**
 * A text file of the package this runs from, by its path there; undefined where it was left out. Sources and
 * distribution both lie one folder below the package's own.
 */
export function installedFile(path: string): string | undefined {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** The version of this package. */
export function installedVersion(): string {
  return /"version": "([^"]+)"/.exec(installedFile('package.json') ?? '')?.[1] ?? 'unknown';
}
