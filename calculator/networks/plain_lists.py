"""Tables of the built-in networks that are a plain list of layers.

The layers are taken from the sources that ``calculator.networks.builtin`` names. A table has every layer with
parameters. The table of a chain also has the layers that change the size.
"""

MUSEGAN = """\
name,type,in,out,kernel,padding,size
temporal_input,Input,,32,,,1x1
conv2d_transpose,Conv2DTranspose,32,1024,2x1,valid,
batch_normalization,BatchNormalization,,1024,,,
conv2d_transpose_1,Conv2DTranspose,1024,32,1x1,valid,
batch_normalization_1,BatchNormalization,,32,,,
"""

DCGAN = """\
name,type,in,out,kernel,stride,padding,bias,size
input,Input,,100,,,,,1x1
main.0,ConvTranspose2d,100,512,4,1,0,no,
main.1,BatchNorm2d,,512,,,,,
main.3,ConvTranspose2d,512,256,4,2,1,no,
main.4,BatchNorm2d,,256,,,,,
main.6,ConvTranspose2d,256,128,4,2,1,no,
main.7,BatchNorm2d,,128,,,,,
main.9,ConvTranspose2d,128,64,4,2,1,no,
main.10,BatchNorm2d,,64,,,,,
main.12,ConvTranspose2d,64,3,4,2,1,no,
"""

DCGAN_TENSORFLOW = """\
name,type,in,out,kernel,stride,padding,bias,size
noise,Input,,100,,,,,
dense,Dense,100,12544,,,,no,
batch_normalization,BatchNormalization,,12544,,,,,
reshape,Reshape,,256,,,,,7x7
conv2d_transpose,Conv2DTranspose,256,128,5,1,same,no,
batch_normalization_1,BatchNormalization,,128,,,,,
conv2d_transpose_1,Conv2DTranspose,128,64,5,2,same,no,
batch_normalization_2,BatchNormalization,,64,,,,,
conv2d_transpose_2,Conv2DTranspose,64,1,5,2,same,no,
"""

VAE = """\
name,type,in,out,kernel,stride,padding,size
z,Input,,2,,,,
dense,Dense,2,3136,,,,
reshape,Reshape,,64,,,,7x7
conv2d_transpose,Conv2DTranspose,64,64,3,2,same,
conv2d_transpose_1,Conv2DTranspose,64,32,3,2,same,
conv2d_transpose_2,Conv2DTranspose,32,1,3,1,same,
"""

AUTOENCODER = """\
name,type,in,out,kernel,stride,padding,size
input,Input,,1,,,,28x28
conv2d,Conv2D,1,32,3,1,same,
max_pooling2d,MaxPooling2D,,,2,2,same,
conv2d_1,Conv2D,32,32,3,1,same,
max_pooling2d_1,MaxPooling2D,,,2,2,same,
conv2d_transpose,Conv2DTranspose,32,32,3,2,same,
conv2d_transpose_1,Conv2DTranspose,32,32,3,2,same,
conv2d_2,Conv2D,32,1,3,1,same,
"""

# The upscaling factor 3 determines only the stride of the last layer, and no count.
FSRCNN = """\
name,type,in,out,kernel,stride,padding,output_padding,bias,size
input,Input,,1,,,,,,7x7
feature_extraction,Conv2d,1,56,5,1,2,,no,
shrinking,Conv2d,56,12,1,1,0,,no,
mapping.1,Conv2d,12,12,3,1,1,,no,
mapping.2,Conv2d,12,12,3,1,1,,no,
mapping.3,Conv2d,12,12,3,1,1,,no,
mapping.4,Conv2d,12,12,3,1,1,,no,
expanding,Conv2d,12,56,1,1,0,,no,
upsampling,ConvTranspose2d,56,1,9,3,4,2,no,
"""

FCN_8S = """\
name,type,in,out,kernel,stride,padding,bias,trainable
conv1_1,Conv2d,3,64,3,1,100,yes,yes
conv1_2,Conv2d,64,64,3,1,1,yes,yes
conv2_1,Conv2d,64,128,3,1,1,yes,yes
conv2_2,Conv2d,128,128,3,1,1,yes,yes
conv3_1,Conv2d,128,256,3,1,1,yes,yes
conv3_2,Conv2d,256,256,3,1,1,yes,yes
conv3_3,Conv2d,256,256,3,1,1,yes,yes
conv4_1,Conv2d,256,512,3,1,1,yes,yes
conv4_2,Conv2d,512,512,3,1,1,yes,yes
conv4_3,Conv2d,512,512,3,1,1,yes,yes
conv5_1,Conv2d,512,512,3,1,1,yes,yes
conv5_2,Conv2d,512,512,3,1,1,yes,yes
conv5_3,Conv2d,512,512,3,1,1,yes,yes
fc6,Conv2d,512,4096,7,1,0,yes,yes
fc7,Conv2d,4096,4096,1,1,0,yes,yes
score_fr,Conv2d,4096,21,1,1,0,yes,yes
upscore2,ConvTranspose2d,21,21,4,2,0,no,no
score_pool4,Conv2d,512,21,1,1,0,yes,yes
upscore_pool4,ConvTranspose2d,21,21,4,2,0,no,no
score_pool3,Conv2d,256,21,1,1,0,yes,yes
upscore8,ConvTranspose2d,21,21,16,8,0,no,no
"""
