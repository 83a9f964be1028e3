"""Makes the recorded scenes: real people cut out of free footage, on scripted paths.

What is where is known by construction, so the truth beside each clip is exact. The order of a
frame: `paths` says where everybody is, `figures` which cut-out shows it, `canvas` paints them
back to front and keeps who is visible, `looks` adds the light and the sensor, `truth` turns
the paths into crossings and counts, `encode` and `scene_file` write it all down.
"""
