/** The JSON of a reply: a text, or its bytes in UTF-8 where they are what is stored. */
export type Body = string | Buffer;
