//! Answers every request with a greeting: `cargo build --release --target wasm32-wasip2`.
use std::io::Write;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Greeting;

impl wasip2::exports::http::incoming_handler::Guest for Greeting {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let name = path.trim_start_matches('/');
        let name = if name.is_empty() { "world" } else { name };
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        body.write().unwrap().write_all(format!("Hello, {name}!\n").as_bytes()).unwrap();
        OutgoingBody::finish(body, None).unwrap();
    }
}

wasip2::http::proxy::export!(Greeting);
