import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field of a message: its number, what stands for its absence, and how it is read and written. */
export interface Field<T> {
  readonly number: number;
  readonly wireType: WireType;
  empty(): T;
  /** What the field holds once this occurrence of it is read; a list and a map grow. */
  read(reader: BinaryReader, before: T): T;
  /** Writes nothing for what is absent. */
  write(writer: BinaryWriter, value: T): void;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a message with these fields holds. */
type Values<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** A message of protobuf as bytes and as an object. Fields that are not listed are skipped when read, as protobuf asks for. */
export interface Message<T> {
  encode(value: Partial<T>): Uint8Array;
  /** Throws what the reader throws where the bytes are no such message. */
  decode(bytes: Uint8Array): T;
}

/** A message with these fields. */
export function message<F extends Fields>(fields: F): Message<Values<F>> {
  const entries = Object.entries(fields);
  const names = new Map(entries.map(([name, { number }]) => [number, name]));
  return {
    encode(value) {
      const writer = new BinaryWriter();
      const given: Readonly<Record<string, unknown>> = value;
      for (const [name, field] of entries) if (given[name] !== undefined) field.write(writer, given[name]);
      return writer.finish();
    },
    decode(bytes) {
      const reader = new BinaryReader(bytes);
      const values: Record<string, unknown> = Object.fromEntries(entries.map(([name, field]) => [name, field.empty()]));
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const name = names.get(number);
        const field = name === undefined ? undefined : fields[name];
        if (name === undefined || field?.wireType !== wireType) reader.skip(wireType, number);
        else values[name] = field.read(reader, values[name]);
      }
      // Each name got what its own field reads.
      return values as Values<F>;
    },
  };
}

/** A string; empty where it is absent. */
export function text(number: number): Field<string> {
  return {
    number,
    wireType: WireType.LengthDelimited,
    empty: () => '',
    read: (reader) => reader.string(),
    write: (writer, value) => value !== '' && writer.tag(number, WireType.LengthDelimited).string(value),
  };
}

/** A boolean; false where it is absent. */
export function flag(number: number): Field<boolean> {
  return {
    number,
    wireType: WireType.Varint,
    empty: () => false,
    read: (reader) => reader.bool(),
    write: (writer, value) => value && writer.tag(number, WireType.Varint).bool(value),
  };
}

/** An integer or the number of an enum; 0 where it is absent. What it counts here stays below 2^53. */
export function whole(number: number): Field<number> {
  return {
    number,
    wireType: WireType.Varint,
    empty: () => 0,
    read: (reader) => Number(reader.int64()),
    write: (writer, value) => value !== 0 && writer.tag(number, WireType.Varint).int64(value),
  };
}

/** Strings, any number of them. */
export function texts(number: number): Field<readonly string[]> {
  return {
    number,
    wireType: WireType.LengthDelimited,
    empty: () => [],
    read: (reader, before) => [...before, reader.string()],
    write: (writer, values) => values.forEach((value) => void writer.tag(number, WireType.LengthDelimited).string(value)),
  };
}

/** A message within a message; undefined where it is absent. */
export function one<T>(number: number, of: Message<T>): Field<T | undefined> {
  return {
    number,
    wireType: WireType.LengthDelimited,
    empty: () => undefined,
    read: (reader) => of.decode(reader.bytes()),
    write: (writer, value) => value !== undefined && writer.tag(number, WireType.LengthDelimited).bytes(of.encode(value)),
  };
}

/** Messages within a message, any number of them. */
export function many<T>(number: number, of: Message<T>): Field<readonly T[]> {
  return {
    number,
    wireType: WireType.LengthDelimited,
    empty: () => [],
    read(reader, before) {
      // The list is this decoder's own until it is done; a copy for each of some thousand images would be quadratic.
      const grown = before as T[];
      grown.push(of.decode(reader.bytes()));
      return grown;
    },
    write: (writer, values) => values.forEach((value) => void writer.tag(number, WireType.LengthDelimited).bytes(of.encode(value))),
  };
}

const Entry = message({ key: text(1), value: text(2) });

/** A map of strings, which protobuf writes as messages of key and value. */
export function map(number: number): Field<Readonly<Record<string, string>>> {
  const entries = many(number, Entry);
  return {
    number,
    wireType: WireType.LengthDelimited,
    empty: () => ({}),
    read(reader, before) {
      const { key, value } = Entry.decode(reader.bytes());
      return { ...before, [key]: value };
    },
    write: (writer, values) =>
      entries.write(
        writer,
        Object.entries(values).map(([key, value]) => ({ key, value })),
      ),
  };
}
