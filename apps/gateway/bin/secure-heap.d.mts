/** Node's flags that keep private keys out of swap, as far as this system lets us lock memory. */
export function secureHeapFlags(): readonly string[];
