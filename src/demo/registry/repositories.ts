import { type Content, type Image, imageCalled } from './images.ts';

/** Who may pull from a private repository. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

interface Repository {
  readonly tags: Map<string, Image>;
  /** By digest; what a tag stood for before stays. */
  readonly contents: Map<string, Content>;
  login: Login | undefined;
}

/** What a registry holds, by the names of its repositories. */
export class Repositories {
  readonly #known = new Map<string, Repository>();
  readonly #accounts: Login[] = [];

  /** Gives a tag of a repository to an image of its own, for linux/amd64 or for these architectures; says its digest. */
  push(repository: string, tag: string, architectures?: readonly string[]): string {
    const { tags, contents } = this.#make(repository);
    const image = imageCalled(`${repository}:${tag}`, architectures);
    tags.set(tag, image);
    for (const content of [image.manifest, ...image.parts]) contents.set(content.digest, content);
    return image.manifest.digest;
  }

  /** Takes a tag away, and what it stands for. */
  remove(repository: string, tag: string): void {
    const known = this.#known.get(repository);
    const image = known?.tags.get(tag);
    known?.tags.delete(tag);
    if (image) for (const { digest } of [image.manifest, ...image.parts]) known?.contents.delete(digest);
  }

  /** Gives somebody an account that opens what is open to all. */
  enrol(login: Login): void {
    this.#accounts.push(login);
  }

  /** Lets only whoever has this login pull from the repository. */
  lock(repository: string, login: Login): void {
    this.#make(repository).login = login;
  }

  loginOf(repository: string): Login | undefined {
    return this.#known.get(repository)?.login;
  }

  /** All logins that are somebody's. */
  logins(): readonly Login[] {
    return [...this.#accounts, ...[...this.#known.values()].flatMap(({ login }) => login ?? [])];
  }

  /** In the order that the distribution specification wants; undefined where there is no such repository. */
  tagsOf(repository: string): readonly string[] | undefined {
    const known = this.#known.get(repository);
    return known && [...known.tags.keys()].sort();
  }

  /** By tag or digest. */
  manifest(repository: string, reference: string): Content | undefined {
    const known = this.#known.get(repository);
    return known?.tags.get(reference)?.manifest ?? known?.contents.get(reference);
  }

  blob(repository: string, digest: string): Content | undefined {
    return this.#known.get(repository)?.contents.get(digest);
  }

  #make(name: string): Repository {
    const known = this.#known.get(name);
    if (known) return known;
    const made: Repository = { tags: new Map(), contents: new Map(), login: undefined };
    this.#known.set(name, made);
    return made;
  }
}
