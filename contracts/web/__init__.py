"""What our HTTP services share: keys, refusals, the page of an OpenAPI document, a journal, a socket."""
