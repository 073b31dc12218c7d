import { shortened } from '../text/wording.ts';
import { DOCKER_HUB } from './docker-hub.ts';

/**
 * Image references as the kubelet and the runtimes read them (github.com/distribution/reference).
 *
 * Defaults: no registry means `docker.io`; a single name on docker.io means `library/name`; neither tag nor digest
 * means tag `latest`. With tag and digest the digest decides what is pulled and the tag is only a label.
 */
export interface ImageReference {
  /** The text as it was given. */
  readonly text: string;
  /** Registry host, with port if one is written: `docker.io`, `localhost:5000`, `[2001:db8::1]:5000`. */
  readonly registry: string;
  /** Path inside the registry, `library/` filled in: `library/nginx`, `team/app`. */
  readonly repository: string;
  /** The tag, `latest` where neither tag nor digest is written; absent where only a digest is. */
  readonly tag?: string;
  /** `sha256:…` and the like, exactly as written. */
  readonly digest?: string;
}

/** Either a reference or the rule that the text breaks, as a sentence part: `the repository name must be lowercase`. */
export type ParsedReference =
  | { readonly status: 'valid'; readonly reference: ImageReference }
  | { readonly status: 'invalid'; readonly because: string };

const DEFAULT_REGISTRY = DOCKER_HUB.registry;
const MAX_PATH_LENGTH = 255;
/** One path component: alphanumerics, joined by one dot, one or two underscores, or any number of dashes. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const IPV6_HOST = /^\[[0-9A-Fa-f:.]+\]$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
/** A bare image ID is refused: it can be meant as a name or as a digest. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** Reads an image reference; never throws. The grammar is https://github.com/distribution/reference. */
export function parseImageReference(text: string): ParsedReference {
  const unreadable = wholeProblem(text);
  if (unreadable !== undefined) return invalid(unreadable);
  const { name, tag, digest } = splitVersion(text);
  const { registry, path } = splitRegistry(name);
  const broken =
    (name === '' ? 'there is no name before the @' : undefined) ??
    (digest === undefined ? undefined : digestProblem(digest)) ??
    (tag === undefined ? undefined : tagProblem(tag)) ??
    (registry === undefined ? undefined : registryProblem(registry)) ??
    pathProblem(path);
  if (broken !== undefined) return invalid(broken);

  const host = registry === undefined || registry === DOCKER_HUB.index ? DEFAULT_REGISTRY : registry;
  const wantedTag = tag ?? (digest === undefined ? 'latest' : undefined);
  return {
    status: 'valid',
    reference: {
      text,
      registry: host,
      repository: host === DEFAULT_REGISTRY && !path.includes('/') ? `library/${path}` : path,
      ...(wantedTag === undefined ? {} : { tag: wantedTag }),
      ...(digest === undefined ? {} : { digest }),
    },
  };
}

/** Registry host of an image, `docker.io` where none is written; empty for an invalid reference. */
export function registryOf(image: string): string {
  const parsed = parseImageReference(image);
  return parsed.status === 'valid' ? parsed.reference.registry : '';
}

/** `registry/repository`, the identity that tags and digests share. */
export function repositoryName(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}`;
}

/** The reference with every default filled in; two texts that mean the same image give the same string. */
export function canonicalReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return repositoryName(reference) + (digest === '' ? tag : digest);
}

/** What makes a text no reference before its parts are looked at. */
function wholeProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > 4096) return `it is ${text.length} characters long`;
  const space = /\s/.exec(text);
  if (space) return `it contains white space at position ${space.index + 1}`;
  const scheme = /^[a-z][a-z+-]*:\/\//i.exec(text);
  if (scheme) return `it starts with ${scheme[0]}; an image reference has no scheme`;
  return IMAGE_ID.test(text) ? 'it is 64 hexadecimal characters, which is an image ID and not a name' : undefined;
}

/** A colon after the last slash starts the tag; before it, it belongs to the registry's port. */
function splitVersion(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/') && !named.endsWith(']');
  return tagged ? { name: named.slice(0, colon), tag: named.slice(colon + 1), digest } : { name: named, tag: undefined, digest };
}

/** The first part is a registry only if it has a dot or a colon, is `localhost`, or is not lowercase. */
function splitRegistry(name: string): { registry: string | undefined; path: string } {
  const slash = name.indexOf('/');
  if (slash < 0) return { registry: undefined, path: name };
  const first = name.slice(0, slash);
  const isHost = /[.:[\]]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  return isHost ? { registry: first, path: name.slice(slash + 1) } : { registry: undefined, path: name };
}

function registryProblem(registry: string): string | undefined {
  const { host, port } = splitPort(registry);
  if (port !== undefined && !/^[0-9]+$/.test(port)) return `the registry's port ${quoted(port)} is not a number`;
  if (port !== undefined && Number(port) > 65535) return `the registry's port ${port} is above 65535`;
  if (host.startsWith('[')) return IPV6_HOST.test(host) ? undefined : `${quoted(host)} is not an IPv6 address in brackets`;
  const bad = host.split('.').find((label) => !HOST_LABEL.test(label));
  if (bad !== undefined)
    return `the registry host ${quoted(host)} has ${bad === '' ? 'an empty label' : `the label ${quoted(bad)}, which is not letters, digits and inner dashes`}`;
  return undefined;
}

/** Host and written port of a registry; the colons of an IPv6 address in brackets start no port. */
export function splitPort(registry: string): { host: string; port: string | undefined } {
  const colon = registry.lastIndexOf(':');
  if (colon < 0 || colon < registry.lastIndexOf(']')) return { host: registry, port: undefined };
  return { host: registry.slice(0, colon), port: registry.slice(colon + 1) };
}

function pathProblem(path: string): string | undefined {
  const broken = path.split('/').find((component) => !COMPONENT.test(component));
  if (broken !== undefined) return componentProblem(broken);
  return path.length > MAX_PATH_LENGTH ? `the repository is ${path.length} characters long; the limit is ${MAX_PATH_LENGTH}` : undefined;
}

function componentProblem(component: string): string {
  if (component === '') return 'the repository has an empty part (two slashes, or a slash at an end)';
  if (COMPONENT.test(component.toLowerCase())) return `the repository name must be lowercase (${quoted(component)})`;
  if (component.includes(':')) return `${quoted(component)} has a colon, which only a port or a tag may have`;
  const odd = /[^a-z0-9._-]/i.exec(component);
  if (odd) return `${quoted(component)} has the character ${quoted(odd[0])}, which a repository name cannot have`;
  return `${quoted(component)} has separators (. _ -) at an end or in a row`;
}

function tagProblem(tag: string): string | undefined {
  if (tag === '') return 'there is a colon but no tag after it';
  if (tag.length > 128) return `the tag is ${tag.length} characters long; the limit is 128`;
  return TAG.test(tag) ? undefined : `the tag ${quoted(tag)} has characters other than letters, digits, _ . and -, or starts with . or -`;
}

function digestProblem(digest: string): string | undefined {
  if (!DIGEST.test(digest)) return `${quoted(digest)} is not a digest like sha256:<64 hexadecimal characters>`;
  const colon = digest.indexOf(':');
  const wanted = DIGEST_LENGTHS[digest.slice(0, colon)];
  const length = digest.length - colon - 1;
  if (wanted !== undefined && length !== wanted)
    return `the digest has ${length} hexadecimal characters; ${digest.slice(0, colon)} has ${wanted}`;
  return undefined;
}

function quoted(text: string): string {
  return `"${shortened(text)}"`;
}

function invalid(because: string): ParsedReference {
  return { status: 'invalid', because };
}
