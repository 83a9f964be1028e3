"""A small RTSP server for recorded clips: coded frames go out as they are, nothing is transcoded.

Written here rather than taken: `aio-rtsp-toolkit` 0.1.4 plays a file from its beginning for each
viewer, so two viewers of one camera see different moments and a reconnect turns the clock back;
it spreads a frame's packets over the whole frame interval, which hides up to 100 ms in a latency
measured from the first packet; it takes a thread a viewer, asks for no password, and tells nobody
when a frame was sent.
"""
