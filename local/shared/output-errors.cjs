// Output that goes to a file on a full disk is lost, and is no reason to end: once there is room, it goes on.

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    // Nobody reads the pipe any more: what would be said here has no reader left.
    if (error.code === "EPIPE") throw error;
  });
}
