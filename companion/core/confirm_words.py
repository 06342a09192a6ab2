"""The 256 words that a person types to confirm: everyday things, easy to read out, hard to take for one another."""

from typing import Final

_LIST: Final = """
acorn album amber anchor angle apple apron arrow atlas autumn bacon badge baker balcony bamboo banjo barley
barrel basil basket beacon beaver bench berry blanket bloom border bottle bridge bronze broom bucket button
cabin cactus camel camera candle canoe canvas canyon carbon carpet castle cedar cello cherry circle citrus
clock cloud clover cobalt coffee comet compass copper coral corner cotton cradle crater crayon cricket
crystal curtain daisy dancer desert diamond dinner dolphin domino dragon drawer eagle easel echo elbow ember
engine falcon farmer feather fennel fiddle figure finger flame flute forest fossil fountain garden garlic
gate ginger glacier globe glove grain granite grape guitar hammer harbor harvest hazel helmet hockey honey
horizon hotel house igloo island ivory jacket jasmine jelly jersey jigsaw jungle kayak kennel kernel kettle
kitchen kite ladder lagoon lantern laurel lemon letter lilac linen lizard lobster locket lotus lumber magnet
mango maple marble market meadow melon mirror mitten monkey morning mosaic muffin museum nectar needle nest
nickel noodle nutmeg oasis ocean olive onion orange orbit orchid otter oven oyster paddle palace panda paper
parade parrot pasta peach pebble pencil pepper piano picnic pillow pilot pine planet plum pocket poem pond
poppy potato prism pumpkin puzzle quartz quilt rabbit radio rainbow raven ribbon river robin rocket saddle
saffron sailor salmon sandal satin scarf season shadow silver sketch spoon spring squash stable stone summer
sunset swan table teapot temple thimble thunder tiger timber tomato torch tower trumpet tulip tunnel turtle
umbrella valley vanilla velvet violin walnut walrus water whale willow window winter wonder zebra zipper
"""

WORDS: Final = tuple(_LIST.split())
