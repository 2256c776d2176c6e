import { accept, listeningSocket, now, print, receive, sendAndClose } from "./wasi";

// Answers HTTP requests on the socket that the runtime listens on for it, one after the other.
const listener = listeningSocket();

print("Ready for visitors");
for (let visitor = 1; ; visitor++) {
  const connection = accept(listener);
  const request = receive(connection);
  print(request.split("\r\n")[0]);
  const body = `Hello, visitor ${visitor}! It is ${now()}.\n`;
  sendAndClose(
    connection,
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
