/** `node packaging/release-check.ts v1.2.3`: whether what is here may be released under a tag. Ends with 1 and says what is in the way. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { changelogSections } from './changelog.ts';
import { PROJECT } from './project.ts';

const Versions = z.object({ version: z.string(), appVersion: z.string().optional() });

/** What is in the way of a release; nothing where it may be made. */
export function releaseProblems(given: {
  readonly tag: string;
  readonly version: string;
  readonly chart: z.infer<typeof Versions>;
  readonly changelog: string;
  readonly project: Readonly<Record<keyof typeof PROJECT, string>>;
}): readonly string[] {
  const { tag, version, chart, changelog, project } = given;
  const sections = changelogSections(changelog);
  const placeholders = Object.entries(project).filter(([, value]) => /\.example(?:[/:]|$)/.test(value));
  return [
    ...(tag === `v${version}` ? [] : [`the tag is ${tag}, and package.json has version ${version}`]),
    ...(chart.version === version && chart.appVersion === version
      ? []
      : [`helm/Chart.yaml has version ${chart.version} and appVersion ${chart.appVersion}, and package.json ${version}`]),
    ...(sections.some((section) => section.version === version) ? [] : [`CHANGELOG.md has no section ## [${version}] - DATE`]),
    ...(sections.some((section) => section.version === 'Unreleased' && !section.empty)
      ? ['CHANGELOG.md has changes that are not released yet: move them to the section of the release']
      : []),
    ...placeholders.map(([name, value]) => `packaging/project.ts: ${name} is a placeholder, ${value}`),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , tag = ''] = process.argv;
  const problems = releaseProblems({
    tag,
    version: Versions.parse(JSON.parse(readFileSync('package.json', 'utf8'))).version,
    chart: Versions.parse(parse(readFileSync('helm/Chart.yaml', 'utf8'))),
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
    project: PROJECT,
  });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
