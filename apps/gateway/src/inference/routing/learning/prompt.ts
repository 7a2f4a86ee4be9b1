/** What the router may know about a request. Only numbers leave this room: the text itself is never kept. */
export interface Prompt {
  /** The last user turn. */
  readonly text: string;
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  readonly systemChars: number;
  /** 1 for the first user turn of a conversation. */
  readonly turn: number;
  readonly maxTokens: number | undefined;
}
