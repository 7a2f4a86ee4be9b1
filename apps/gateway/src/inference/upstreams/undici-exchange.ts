import { errors, type Dispatcher } from 'undici';
import { BlockedAddressError } from '../../platform/net/index.ts';
import type { Exchange, ExchangeSink, UpstreamFailure } from './transport.ts';

type Headers = Parameters<ExchangeSink['onHead']>[1];

/** One exchange: undici's handler on one side, the sink's promises (one end, never two) on the other. */
export class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  readonly #sink: ExchangeSink;
  readonly #totalTimer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;

  constructor(sink: ExchangeSink, totalMs: number) {
    this.#sink = sink;
    this.#totalTimer = setTimeout(() => this.#onTotalTimeout(), totalMs);
  }

  resume(): void {
    if (!this.#isOver) this.#controller?.resume();
  }

  abort(): void {
    if (this.#finish()) this.#controller?.abort(new errors.RequestAbortedError());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while waiting for a connection: throwing drops the request and leaves the connection usable.
    if (this.#isOver) throw new errors.RequestAbortedError();
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
  ): void {
    if (status >= 200 && !this.#isOver) this.#sink.onHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    if (!this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#finish()) this.#sink.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#controller) this.#fail(failureOf(error, 'broken'));
    // Possibly still inside `send`, whose caller does not hold the exchange yet.
    else queueMicrotask(() => this.#fail(failureOf(error, 'connect')));
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#finish()) this.#sink.onFailure(failure);
  }

  #onTotalTimeout(): void {
    if (!this.#finish()) return;
    this.#controller?.abort(new errors.RequestAbortedError());
    this.#sink.onFailure({ kind: 'timeout', phase: 'total' });
  }

  /** `true` for the first caller only: whoever that is ends the exchange. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#totalTimer);
    return true;
  }
}

function failureOf(error: Error, otherwise: 'connect' | 'broken'): UpstreamFailure {
  if (error instanceof BlockedAddressError) return { kind: 'blocked-address', cause: error };
  if (error instanceof errors.ConnectTimeoutError) return { kind: 'timeout', phase: 'connect' };
  if (error instanceof errors.HeadersTimeoutError) return { kind: 'timeout', phase: 'first-byte' };
  if (error instanceof errors.BodyTimeoutError) return { kind: 'timeout', phase: 'idle' };
  return { kind: otherwise, cause: error };
}
