//! Statistics, commands and errors over the control socket.
