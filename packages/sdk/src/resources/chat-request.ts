/** Text of a message. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A refusal that the model gave earlier. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly refusal: string;
}

/** An image: an `https:` or `data:` URL. */
export interface ImagePart {
  readonly type: 'image_url';
  readonly image_url: {
    readonly url: string;
    readonly detail?: 'auto' | 'low' | 'high' | undefined;
  };
}

/** Sound, base64. */
export interface AudioPart {
  readonly type: 'input_audio';
  readonly input_audio: { readonly data: string; readonly format: 'wav' | 'mp3' };
}

/** A file: its id with the provider, or its base64 data. */
export interface FilePart {
  readonly type: 'file';
  readonly file: {
    readonly file_data?: string | undefined;
    readonly file_id?: string | undefined;
    readonly filename?: string | undefined;
  };
}

/** A tool call of an earlier assistant message. */
export type ToolCall =
  | {
      readonly type: 'function';
      readonly id: string;
      /** `arguments` is JSON text as the model wrote it. */
      readonly function: { readonly name: string; readonly arguments: string };
    }
  | {
      readonly type: 'custom';
      readonly id: string;
      readonly custom: { readonly name: string; readonly input: string };
    };

type Text = string | readonly TextPart[];

/** One message of the conversation so far. */
export type ChatMessage =
  | {
      readonly role: 'system' | 'developer';
      readonly content: Text;
      readonly name?: string | undefined;
    }
  | {
      readonly role: 'user';
      readonly content: string | readonly (TextPart | ImagePart | AudioPart | FilePart)[];
      readonly name?: string | undefined;
    }
  | {
      readonly role: 'assistant';
      readonly content?: string | readonly (TextPart | RefusalPart)[] | null | undefined;
      readonly name?: string | undefined;
      readonly refusal?: string | null | undefined;
      readonly audio?: { readonly id: string } | null | undefined;
      readonly tool_calls?: readonly ToolCall[] | undefined;
      readonly function_call?:
        | { readonly name: string; readonly arguments: string }
        | null
        | undefined;
    }
  | { readonly role: 'tool'; readonly content: Text; readonly tool_call_id: string }
  | { readonly role: 'function'; readonly content: string | null; readonly name: string };

/** A function that the model may call; `parameters` is a JSON schema. */
export interface FunctionTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly parameters?: Readonly<Record<string, unknown>> | undefined;
    readonly strict?: boolean | null | undefined;
  };
}

/** A tool with free-form input. */
export interface CustomTool {
  readonly type: 'custom';
  readonly custom: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly format?: object | undefined;
  };
}

/** Which tool the model must, may or must not call. */
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { readonly type: 'function'; readonly function: { readonly name: string } }
  | { readonly type: 'custom'; readonly custom: { readonly name: string } }
  | { readonly type: 'allowed_tools'; readonly allowed_tools: object };

/** The form of the answer. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly description?: string | undefined;
        readonly schema?: Readonly<Record<string, unknown>> | undefined;
        readonly strict?: boolean | null | undefined;
      };
    };

/** What Sealgate understands beyond OpenAI's fields. */
export interface SealgateFields {
  /** Tried in this order when `model` fails; at most eight. */
  readonly models?: readonly string[] | undefined;
  /** Limits in USD per million tokens; `total` is USD for this request and needs a token bound. */
  readonly max_price?:
    | {
        readonly prompt?: number | string | undefined;
        readonly completion?: number | string | undefined;
        readonly total?: number | string | undefined;
      }
    | undefined;
  /** Which providers may see the request. */
  readonly provider?:
    | {
        readonly data_collection?: 'allow' | 'deny' | undefined;
        readonly only?: readonly string[] | undefined;
        readonly ignore?: readonly string[] | undefined;
      }
    | undefined;
  /** Of a tier: `false` takes the model that is thought best, and tries nothing out. */
  readonly explore?: boolean | undefined;
  /**
   * Of a tier: may hashed words of the prompt be kept, so that votes on the answer teach the router?
   * Default `true`, in sealed requests `false`.
   */
  readonly learn?: boolean | undefined;
  /** For a key with a cache: leave it out, ask for it, take only the very same request, or renew the kept answer. */
  readonly cache?: 'off' | 'on' | 'exact' | 'refresh' | undefined;
}

/**
 * The body of a chat request, in OpenAI's spelling. Every body that the `openai` package accepts
 * fits. Fields that a model does not know are passed on to it.
 */
export interface ChatCompletionCreateParamsBase extends SealgateFields {
  /** `nexevo/fast`, `nexevo/balanced`, `nexevo/auto` or a model id; `:fast`, `:cheap`, `:quality` may follow. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly audio?: object | null | undefined;
  /** −2 to 2. */
  readonly frequency_penalty?: number | null | undefined;
  readonly function_call?: 'none' | 'auto' | { readonly name: string } | undefined;
  readonly functions?: readonly FunctionTool['function'][] | undefined;
  readonly logit_bias?: Readonly<Record<string, number>> | null | undefined;
  readonly logprobs?: boolean | null | undefined;
  /** Tokens, including reasoning. */
  readonly max_completion_tokens?: number | null | undefined;
  /** Tokens. */
  readonly max_tokens?: number | null | undefined;
  /** `conversation_id` keeps a conversation on its model. */
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly modalities?: readonly ('text' | 'audio')[] | null | undefined;
  readonly n?: number | null | undefined;
  readonly parallel_tool_calls?: boolean | undefined;
  readonly prediction?: { readonly type: 'content'; readonly content: Text } | null | undefined;
  /** −2 to 2. */
  readonly presence_penalty?: number | null | undefined;
  readonly prompt_cache_key?: string | undefined;
  readonly prompt_cache_retention?: string | null | undefined;
  readonly reasoning_effort?: string | null | undefined;
  readonly response_format?: ResponseFormat | undefined;
  readonly safety_identifier?: string | undefined;
  readonly seed?: number | null | undefined;
  readonly service_tier?: string | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly store?: boolean | null | undefined;
  readonly stream_options?:
    | {
        readonly include_usage?: boolean | undefined;
        readonly include_obfuscation?: boolean | undefined;
      }
    | null
    | undefined;
  /** 0 to 2. */
  readonly temperature?: number | null | undefined;
  readonly tool_choice?: ToolChoice | undefined;
  readonly tools?: readonly (FunctionTool | CustomTool)[] | undefined;
  readonly top_logprobs?: number | null | undefined;
  /** 0 to 1. */
  readonly top_p?: number | null | undefined;
  readonly user?: string | undefined;
  readonly verbosity?: string | null | undefined;
  readonly web_search_options?: object | undefined;
}

/** A request for one whole answer. */
export interface ChatCompletionCreateParamsNonStreaming extends ChatCompletionCreateParamsBase {
  readonly stream?: false | null | undefined;
}

/** A request for an answer in chunks. */
export interface ChatCompletionCreateParamsStreaming extends ChatCompletionCreateParamsBase {
  readonly stream: true;
}

/** Either; `stream` tells which. */
export type ChatCompletionCreateParams =
  | ChatCompletionCreateParamsNonStreaming
  | ChatCompletionCreateParamsStreaming;
